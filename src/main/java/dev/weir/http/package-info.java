/** What every HTTP resource shares: routing, errors as problem details, durations, bodies. */
@NullMarked
package dev.weir.http;

import org.jspecify.annotations.NullMarked;
