package dev.sinter.training;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Shapes;
import java.util.List;

/// One named tensor of every example, as the `data` line of a model's text declares it.
///
/// @param name the name in the text
/// @param dtype the type of the elements
/// @param shape the sizes of one example, without the batch
/// @param source the binding that the text gives, such as `digits.csv#0..64`; empty for none
public record Field(String name, DType dtype, List<Long> shape, String source) {
  public Field {
    shape = List.copyOf(shape);
  }

  /// The elements of one example.
  public long elements() {
    return Shapes.size(shape.stream().mapToLong(Long::longValue).toArray());
  }

  /// The sizes of `examples` examples together.
  long[] batchShape(long examples) {
    long[] batch = new long[shape.size() + 1];
    batch[0] = examples;
    for (int i = 0; i < shape.size(); i++) {
      batch[i + 1] = shape.get(i);
    }
    return batch;
  }

  @Override
  public String toString() {
    return name + ": " + dtype + shape;
  }
}
