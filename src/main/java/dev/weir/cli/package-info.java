/** The command line: a client of the service's HTTP API, which starts no server. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
