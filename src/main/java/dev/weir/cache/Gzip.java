package dev.weir.cache;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Compression of values. What takes longer than an event loop can spare is done on a worker thread. */
final class Gzip {

    /** Up to here an event loop does it itself sooner than it could hand it over. */
    private static final int INLINE = 4 * 1024;

    /** Hashing is ten times quicker than compressing. */
    private static final int INLINE_HASH = 64 * 1024;

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 8 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private final Vertx vertx;

    Gzip(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Identifies a value and compresses it if it is longer than {@code over} and becomes a tenth shorter by it. */
    Future<Entry.Content> pack(Buffer raw, String contentType, List<String> tags, List<String> aliases, long over) {
        boolean compress = raw.length() > over;
        if (raw.length() <= (compress ? INLINE : INLINE_HASH)) {
            return Future.succeededFuture(packNow(raw, contentType, tags, aliases, compress));
        }
        return onWorker(() -> packNow(raw, contentType, tags, aliases, compress));
    }

    private static Entry.Content packNow(
            Buffer raw, String contentType, List<String> tags, List<String> aliases, boolean compress) {
        byte[] etag = Entry.digest(contentType, raw);
        Buffer body = compress ? compress(raw) : raw;
        boolean smaller = body.length() < raw.length() - raw.length() / 10;
        return new Entry.Content(etag, smaller, raw.length(), contentType, tags, aliases, smaller ? body : raw);
    }

    /** The value itself. */
    Future<Buffer> unpack(Entry entry) {
        if (!entry.gzip()) {
            return Future.succeededFuture(entry.body());
        }
        if (entry.rawLength() <= INLINE) {
            return Future.succeededFuture(expand(entry));
        }
        return onWorker(() -> expand(entry));
    }

    private <T> Future<T> onWorker(Supplier<T> work) {
        return vertx.<T>executeBlocking(work::get, false).map(Objects::requireNonNull);
    }

    private static Buffer compress(Buffer raw) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length() / 2);
        try (FastGzip gzip = new FastGzip(out)) {
            gzip.write(raw.getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return wrap(out.toByteArray());
    }

    private static Buffer expand(Entry entry) {
        try (GZIPInputStream in =
                new GZIPInputStream(new ByteArrayInputStream(entry.body().getBytes()), 8 * 1024)) {
            // The header says how long it is: nothing in Redis can make it expand further.
            return wrap(in.readNBytes(entry.rawLength()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("deprecation") // the only way to a Buffer that shares an array
    private static Buffer wrap(byte[] bytes) {
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes));
    }
}
