/** What lies under {@code deploy/}, judged without a cluster. */
@NullMarked
package dev.weir.deploy;

import org.jspecify.annotations.NullMarked;
