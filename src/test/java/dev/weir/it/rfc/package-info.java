/** What the RFCs of HTTP demand of a shared cache, asked of a route from outside. */
@NullMarked
package dev.weir.it.rfc;

import org.jspecify.annotations.NullMarked;
