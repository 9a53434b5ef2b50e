/** Named caches: a near cache in the process over Redis, filled by callers or read through from an origin. */
@NullMarked
package dev.weir.cache;

import org.jspecify.annotations.NullMarked;
