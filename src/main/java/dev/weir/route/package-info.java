/** Weir in front of an API that knows nothing of it: a shared HTTP cache after RFC 9111, and a reverse proxy. */
@NullMarked
package dev.weir.route;

import org.jspecify.annotations.NullMarked;
