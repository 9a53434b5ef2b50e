/** Weir from outside: real processes, real sockets, and nothing but what the contract promises. */
@NullMarked
package dev.weir.it;

import org.jspecify.annotations.NullMarked;
