package dev.sinter.codegen.java;

import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rows of an entry's dim table: first the symbols in the order of their sources, then the
/// sizes of what crosses the entry's border.
///
/// @param rows a row for each distinct expression
record DimTable(List<Dim> rows, Map<Dim, Integer> numbers) {
  /// The table of `program`, an entry of the model `spec`.
  static DimTable of(Program program, ModelSpec spec) {
    Map<Dim, Integer> numbers = new LinkedHashMap<>();
    for (Program.DimSource source : program.dims()) {
      numbers.putIfAbsent(Dim.symbol(source.symbol()), numbers.size());
    }
    for (Program.Buffer buffer : program.buffers()) {
      switch (buffer.origin()) {
        case Program.Origin.Input input -> buffer.shape().forEach(d -> add(numbers, d));
        case Program.Origin.Output output -> buffer.shape().forEach(d -> add(numbers, d));
        case Program.Origin.State state -> buffer.shape().forEach(d -> add(numbers, d));
        case Program.Origin.Weight(String name) -> {
          if (ModelSpecs.isState(spec, name)) {
            buffer.shape().forEach(d -> add(numbers, d));
          }
        }
        case Program.Origin.Constant _, Program.Origin.Temporary _ -> {}
      }
    }
    return new DimTable(new ArrayList<>(numbers.keySet()), numbers);
  }

  private static void add(Map<Dim, Integer> numbers, Dim dim) {
    numbers.putIfAbsent(dim, numbers.size());
  }

  /// The row of a symbol or of a size at the border.
  int row(Dim dim) {
    Integer row = numbers.get(dim);
    if (row == null) {
      throw new CompilerBug("codegen", "nothing says what the size " + dim + " is");
    }
    return row;
  }

  /// The rows of a shape.
  List<Integer> rows(List<Dim> shape) {
    return shape.stream().map(this::row).toList();
  }
}
