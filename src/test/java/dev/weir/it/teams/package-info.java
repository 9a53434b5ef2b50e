/** The example of each team as it is shipped, from outside. */
@NullMarked
package dev.weir.it.teams;

import org.jspecify.annotations.NullMarked;
