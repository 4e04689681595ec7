package dev.sinter.benchmarks.cold;

import java.nio.ByteBuffer;
import java.util.List;

/// An input or output of a network by its name, in the caller's memory.
///
/// @param memory direct, in the machine's order of bytes
public record Port(String name, List<Long> shape, ByteBuffer memory) {
  public Port {
    shape = List.copyOf(shape);
  }

  long[] sizes() {
    long[] sizes = new long[shape.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.get(i);
    }
    return sizes;
  }
}
