/**
 * What black-box tests stand on: real processes (Redis, Weir), a real origin, plain HTTP, and a constant load. Nothing
 * here knows Weir's own code, and nothing has a fixed port.
 */
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
