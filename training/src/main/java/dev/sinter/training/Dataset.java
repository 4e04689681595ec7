package dev.sinter.training;

import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Examples in memory: for each field a tensor whose first axis counts them.
///
/// @param columns the tensors by the fields' names, all with the same first size
/// @param examples the number of examples, at least 1
public record Dataset(Map<String, Tensor> columns, long examples) {
  /// Reads every field from where it is bound.
  ///
  /// @throws DataException if a field is not bound, a binding names no field, a file is not what
  ///   its field needs, or the fields have different numbers of examples
  public static Dataset read(List<Field> fields, List<DataBinding> bindings) throws IOException {
    Map<String, DataBinding> byName = new LinkedHashMap<>();
    for (DataBinding binding : bindings) {
      if (fields.stream().noneMatch(f -> f.name().equals(binding.field()))) {
        throw new DataException(
            binding.file().toString(),
            "",
            "bound to "
                + binding.field()
                + ", but the model's data are "
                + fields.stream().map(Field::name).toList());
      }
      if (byName.put(binding.field(), binding) != null) {
        throw new DataException(
            binding.file().toString(), "", binding.field() + " is bound to two files");
      }
    }
    Map<String, Tensor> columns = new LinkedHashMap<>();
    List<String> counts = new ArrayList<>();
    for (Field field : fields) {
      DataBinding binding = byName.get(field.name());
      if (binding == null) {
        throw new DataException(
            "data",
            "",
            "no file for "
                + field
                + "; bind one in the text or with --data "
                + field.name()
                + "=FILE");
      }
      Tensor column = DataFile.read(binding, field);
      columns.put(field.name(), column);
      counts.add(column.dim(0) + " in " + binding.file());
    }
    long examples = columns.values().iterator().next().dim(0);
    if (columns.values().stream().anyMatch(c -> c.dim(0) != examples)) {
      throw new DataException(
          "data", "", "the fields have different numbers of examples: " + counts);
    }
    return new Dataset(columns, examples);
  }

  /// The tensor of a field.
  public Tensor column(String field) {
    return Objects.requireNonNull(columns.get(field));
  }

  /// Examples `from` up to but without `to`; shares their memory.
  public Dataset rows(long from, long to) {
    Map<String, Tensor> part = new LinkedHashMap<>();
    columns.forEach((name, column) -> {
      long[] shape = column.shape();
      long row = column.bytes() / shape[0];
      shape[0] = to - from;
      part.put(
          name,
          Tensor.wrap(
              column.dtype(), column.memory().asSlice(from * row, (to - from) * row), shape));
    });
    return new Dataset(part, to - from);
  }
}
