/** The one way to Redis: pipelined connections, scripts, key names and the change bus. */
@NullMarked
package dev.weir.redis;

import org.jspecify.annotations.NullMarked;
