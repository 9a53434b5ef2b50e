/** What the storage of every feature shares: where an answer came from, whether Redis answers, and what happens when not. */
@NullMarked
package dev.weir.store;

import org.jspecify.annotations.NullMarked;
