package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** A client's conditions on a kept answer (RFC 9110, section 13; RFC 9111, section 4.3.2). */
final class Preconditions {

    private Preconditions() {}

    /** True if the client has what the answer holds, so that 304 tells it all. */
    static boolean isNotModified(MultiMap request, StoredResponse response) {
        String ifNoneMatch = joined(request, HttpHeaders.IF_NONE_MATCH);
        if (ifNoneMatch != null) {
            return matchesWeakly(ifNoneMatch, response.etag());
        }
        long since = HttpDate.parse(request.get(HttpHeaders.IF_MODIFIED_SINCE));
        if (since == HttpDate.NONE) {
            return false;
        }
        long modified = HttpDate.parse(response.lastModified());
        long reference = modified != HttpDate.NONE
                ? modified
                : HttpDate.parse(response.headers().get(HttpHeaders.DATE));
        return reference != HttpDate.NONE && reference <= since;
    }

    private static @Nullable String joined(MultiMap headers, CharSequence name) {
        return headers.contains(name) ? String.join(",", headers.getAll(name)) : null;
    }

    private static boolean matchesWeakly(String list, @Nullable String etag) {
        if (list.strip().equals("*")) {
            return true;
        }
        if (etag == null) {
            return false;
        }
        String wanted = opaque(etag);
        int at = 0;
        while (at < list.length()) {
            int open = list.indexOf('"', at);
            int close = open < 0 ? -1 : list.indexOf('"', open + 1);
            if (close < 0) {
                // Tags without quotation marks are none, but some servers send them and get them back.
                return list.substring(at).strip().equals(etag);
            }
            if (list.substring(open, close + 1).equals(wanted)) {
                return true;
            }
            at = close + 1;
        }
        return false;
    }

    private static String opaque(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    /** True if a range is to be taken of this very answer: {@code If-Range} is absent or names it (section 13.1.5). */
    static boolean isRangeApplicable(MultiMap request, StoredResponse response) {
        String ifRange = request.get(Fields.IF_RANGE);
        if (ifRange == null) {
            return true;
        }
        if (ifRange.startsWith("\"")) {
            return ifRange.equals(response.etag());
        }
        // A date has to be the very one; as a weak validator it may not serve for two changes within its second.
        long date = HttpDate.parse(ifRange);
        return date != HttpDate.NONE && date == HttpDate.parse(response.lastModified());
    }

    /** True if the client has something already and asks whether it is still good. */
    static boolean areThere(MultiMap request) {
        return request.contains(HttpHeaders.IF_NONE_MATCH) || request.contains(HttpHeaders.IF_MODIFIED_SINCE);
    }

    /** True if the request has a condition that only the origin can judge. */
    static boolean needOrigin(MultiMap request) {
        return request.contains(HttpHeaders.IF_MATCH) || request.contains(Fields.IF_UNMODIFIED_SINCE);
    }
}
