/** Warmers: caches that are filled on a schedule, by one instance at a time. */
@NullMarked
package dev.weir.warm;

import org.jspecify.annotations.NullMarked;
