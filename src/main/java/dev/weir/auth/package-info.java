/** Bearer tokens, roles, and what may be reached without either. */
@NullMarked
package dev.weir.auth;

import org.jspecify.annotations.NullMarked;
