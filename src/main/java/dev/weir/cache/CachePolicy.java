package dev.weir.cache;

/**
 * How a cache treats its entries; durations in milliseconds.
 *
 * @param lifetimes of a value
 * @param negative of the knowledge that the origin has none
 * @param refreshAhead the last share of a life in which a read refreshes, of 0 to 1
 * @param compressOver values of more bytes are compressed
 */
record CachePolicy(
        Lifetimes lifetimes,
        Lifetimes negative,
        double refreshAhead,
        boolean sliding,
        long compressOver,
        long maxEntryBytes) {

    static CachePolicy of(CachesConfig.CacheSettings settings) {
        return new CachePolicy(
                new Lifetimes(
                        settings.ttl().toMillis(),
                        settings.staleWhileRevalidate().toMillis(),
                        settings.staleIfError().toMillis()),
                new Lifetimes(settings.negativeTtl().toMillis(), 0, 0),
                settings.refreshAhead(),
                settings.sliding(),
                settings.compressOver().bytes(),
                settings.maxEntrySize().bytes());
    }
}
