package dev.sinter.onnx.model;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The fields of a tensor's message while it is read; they come in any order.
final class TensorFields {
  String name = "";
  int elementType;
  boolean isExternal;
  @Nullable ByteBuffer raw;
  final List<Long> dims = new ArrayList<>();
  final Numbers reals = new Numbers();
  final Numbers integers = new Numbers();
  final List<String> texts = new ArrayList<>();
  final Map<String, String> external = new LinkedHashMap<>();

  /// Numbers that have come so far, as the 64 bits of each.
  static final class Numbers {
    private long[] bits = new long[4];
    private int count;

    void add(long value) {
      if (count == bits.length) {
        bits = java.util.Arrays.copyOf(bits, 2 * count);
      }
      bits[count++] = value;
    }

    void add(double value) {
      add(Double.doubleToRawLongBits(value));
    }

    long[] longs() {
      return java.util.Arrays.copyOf(bits, count);
    }

    double[] doubles() {
      return java.util.stream.LongStream.of(longs())
          .mapToDouble(Double::longBitsToDouble)
          .toArray();
    }
  }

  OnnxTensor tensor() {
    return new OnnxTensor(name, elementType, dims, data());
  }

  private OnnxTensor.Data data() {
    if (isExternal) {
      return new OnnxTensor.Data.External(external);
    }
    if (raw != null) {
      return new OnnxTensor.Data.Raw(raw.asReadOnlyBuffer());
    }
    if (elementType == OnnxTypes.STRING) {
      return new OnnxTensor.Data.Strings(texts);
    }
    return reals.count > 0
        ? new OnnxTensor.Data.Doubles(DoubleBuffer.wrap(reals.doubles()))
        : new OnnxTensor.Data.Integers(LongBuffer.wrap(integers.longs()));
  }
}
