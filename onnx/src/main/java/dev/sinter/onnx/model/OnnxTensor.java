package dev.sinter.onnx.model;

import dev.sinter.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A constant tensor as the file holds it.
///
/// @param name the name; may be empty
/// @param elementType the number of the element type in [OnnxTypes]
/// @param dims the sizes
/// @param data the elements
public record OnnxTensor(String name, int elementType, List<Long> dims, Data data) {
  public OnnxTensor {
    dims = List.copyOf(dims);
  }

  /// A tensor of Sinter's, whose elements stay where they are.
  public static OnnxTensor of(String name, Tensor tensor) {
    return new OnnxTensor(
        name,
        OnnxTypes.number(tensor.dtype()),
        Arrays.stream(tensor.shape()).boxed().toList(),
        new Data.Raw(tensor.memory().asSlice(0, tensor.bytes()).asByteBuffer()));
  }

  /// The same under another name.
  public OnnxTensor named(String other) {
    return new OnnxTensor(other, elementType, dims, data);
  }

  /// The elements, row-major.
  public sealed interface Data {
    /// Little-endian bytes; two elements of 4 bits share a byte, the first in the lower half.
    record Raw(ByteBuffer bytes) implements Data {}

    /// Floats, as 64-bit ones.
    record Doubles(DoubleBuffer values) implements Data {}

    /// Integers of a wider type than the tensor's, or the bits of narrow floats.
    record Integers(LongBuffer values) implements Data {}

    /// Strings.
    record Strings(List<String> values) implements Data {
      public Strings {
        values = List.copyOf(values);
      }
    }

    /// Bytes in another file: `location`, `offset`, `length`.
    record External(Map<String, String> where) implements Data {
      public External {
        where = Map.copyOf(where);
      }
    }
  }
}
