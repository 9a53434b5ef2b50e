/** Weir: caching, rate limiting, locks and their kin over HTTP, on Redis and without it. */
@NullMarked
package dev.weir;

import org.jspecify.annotations.NullMarked;
