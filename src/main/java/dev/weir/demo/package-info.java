/** A slow API to try Weir on; part of the development profile only. */
@NullMarked
package dev.weir.demo;

import org.jspecify.annotations.NullMarked;
