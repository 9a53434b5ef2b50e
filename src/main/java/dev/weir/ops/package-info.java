/** How this process and its like do: health, figures of all instances, and what to change. */
@NullMarked
package dev.weir.ops;

import org.jspecify.annotations.NullMarked;
