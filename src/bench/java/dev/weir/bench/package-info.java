/** What is there only to be measured beside Weir, in the same JVM: see src/bench/README.md. */
@NullMarked
package dev.weir.bench;

import org.jspecify.annotations.NullMarked;
