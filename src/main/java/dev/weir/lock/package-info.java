/** Locks and semaphores with fencing numbers, whose waiters get them in the order in which they came. */
@NullMarked
package dev.weir.lock;

import org.jspecify.annotations.NullMarked;
