/** Health of the process as an orchestrator sees it. */
@NullMarked
package dev.weir.ops;

import org.jspecify.annotations.NullMarked;
