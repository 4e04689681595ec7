package dev.sinter.training;

import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// Room for a batch, filled again and again.
final class Batch implements AutoCloseable {
  private final Map<String, Tensor> room = new LinkedHashMap<>();

  Batch(Iterable<Field> fields, int size) {
    for (Field field : fields) {
      room.put(field.name(), Tensor.allocate(field.dtype(), field.batchShape(size)));
    }
  }

  /// Copies the examples `order[from]` up to `order[to - 1]` here.
  Map<String, Tensor> fill(Dataset data, int[] order, int from, int to) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    room.forEach((name, tensor) -> {
      Tensor column = data.column(name);
      long row = column.bytes() / column.dim(0);
      for (int i = from; i < to; i++) {
        MemorySegment.copy(
            column.memory(), order[i] * row, tensor.memory(), (long) (i - from) * row, row);
      }
      long[] shape = tensor.shape();
      shape[0] = (long) to - from;
      batch.put(
          name,
          Tensor.wrap(tensor.dtype(), tensor.memory().asSlice(0, (long) (to - from) * row), shape));
    });
    return batch;
  }

  @Override
  public void close() {
    room.values().forEach(Tensor::close);
  }
}
