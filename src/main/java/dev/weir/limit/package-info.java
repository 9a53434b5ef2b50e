/** Rate limits: policies, what was spent of them, and what becomes of a request that would spend too much. */
@NullMarked
package dev.weir.limit;

import org.jspecify.annotations.NullMarked;
