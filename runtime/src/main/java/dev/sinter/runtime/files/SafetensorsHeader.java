package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The header of a safetensors file, checked: every tensor's bytes are those of its dtype and
/// shape, and together they are the data without a gap, an overlap or a rest.
///
/// @param entries in the order of their data
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  /// Ranks above this are no tensor's; it bounds what a header can make the reader keep.
  private static final int MAX_RANK = 64;

  /// A tensor; `begin` and `end` count from the first byte of the data.
  record Entry(String name, DType dtype, List<Long> dims, long begin, long end) {
    long[] shape() {
      return dims.stream().mapToLong(Long::longValue).toArray();
    }
  }

  static SafetensorsHeader parse(HeaderScanner scanner, long dataBytes) throws FormatException {
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    scanner.expect('{');
    boolean first = true;
    while (!scanner.take('}')) {
      if (!first) {
        scanner.expect(',');
      }
      first = false;
      String name = scanner.jsonString();
      if (!names.add(name)) {
        throw scanner.fault("expected each name once, but '%s' stands twice".formatted(name));
      }
      scanner.expect(':');
      if (name.equals("__metadata__")) {
        metadata.putAll(metadata(scanner));
      } else {
        entries.add(entry(name, scanner, dataBytes));
      }
    }
    scanner.expectEnd();
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long next = 0;
    for (Entry entry : entries) {
      if (entry.begin != next) {
        throw scanner.fault(
            "expected tensor '%s' to begin at byte %d of the data, but it begins at %d"
                .formatted(entry.name, next, entry.begin));
      }
      next = entry.end;
    }
    if (next != dataBytes) {
      throw scanner.fault(
          "expected %d bytes of data, as the tensors say, but there are %d"
              .formatted(next, dataBytes));
    }
    return new SafetensorsHeader(List.copyOf(entries), metadata);
  }

  private static Map<String, String> metadata(HeaderScanner scanner) throws FormatException {
    Map<String, String> metadata = new LinkedHashMap<>();
    scanner.expect('{');
    boolean first = true;
    while (!scanner.take('}')) {
      if (!first) {
        scanner.expect(',');
      }
      first = false;
      String key = scanner.jsonString();
      scanner.expect(':');
      if (metadata.put(key, scanner.jsonString()) != null) {
        throw scanner.fault("expected each key once, but '%s' stands twice".formatted(key));
      }
    }
    return metadata;
  }

  private static Entry entry(String name, HeaderScanner scanner, long dataBytes)
      throws FormatException {
    DType dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    scanner.expect('{');
    for (int i = 0; i < 3; i++) {
      if (i > 0) {
        scanner.expect(',');
      }
      String key = scanner.jsonString();
      scanner.expect(':');
      if (key.equals("dtype") && dtype == null) {
        dtype = dtype(scanner);
      } else if (key.equals("shape") && shape == null) {
        shape = integers(scanner);
      } else if (key.equals("data_offsets") && offsets == null) {
        offsets = integers(scanner);
      } else {
        throw scanner.fault("expected dtype, shape and data_offsets once, not '" + key + "'");
      }
    }
    scanner.expect('}');
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw scanner.fault("expected dtype, shape and two data_offsets");
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (begin > end || end > dataBytes) {
      throw scanner.fault(
          "expected data_offsets within %d bytes of data, not [%d, %d]"
              .formatted(dataBytes, begin, end));
    }
    Entry entry = new Entry(name, dtype, shape, begin, end);
    long bytes = bytes(entry, scanner);
    if (bytes != end - begin) {
      throw scanner.fault(
          "expected %d bytes for %s%s, not %d".formatted(bytes, dtype, shape, end - begin));
    }
    return entry;
  }

  private static long bytes(Entry entry, HeaderScanner scanner) throws FormatException {
    try {
      return entry.dtype.bytes(Shapes.size(entry.shape()));
    } catch (ShapeException e) {
      throw scanner.fault("expected a shape of a tensor: " + e.getMessage());
    }
  }

  private static DType dtype(HeaderScanner scanner) throws FormatException {
    String name = scanner.jsonString();
    return DType.ofSafetensorsName(name)
        .orElseThrow(() -> scanner.fault("expected a dtype that Sinter has, not '" + name + "'"));
  }

  private static List<Long> integers(HeaderScanner scanner) throws FormatException {
    List<Long> integers = new ArrayList<>();
    scanner.expect('[');
    while (!scanner.take(']')) {
      if (!integers.isEmpty()) {
        scanner.expect(',');
      }
      if (integers.size() == MAX_RANK) {
        throw scanner.fault("expected at most %d dims".formatted(MAX_RANK));
      }
      integers.add(scanner.integer());
    }
    return integers;
  }
}
