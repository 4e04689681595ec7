package dev.sinter.passes.cpu;

import dev.sinter.ir.kernel.TileKernel.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What locals and loop indices are called after, before [LocalNames] makes each new.
///
/// @param kernel whose values and axes they are
record ValueNames(FlatKernel kernel) {
  /// What a value is called: a load after its buffer, anything else after what it does.
  String value(int v) {
    return switch (kernel.definition(v)) {
      case Definition.Load load ->
          LocalNames.identifier(kernel.source().buffers().get(load.buffer()).name());
      case Definition.Constant constant -> "constant";
      case Definition.IndexValue index -> "index";
      case Definition.Apply apply -> apply.fn().toString();
      case Definition.Cast cast -> "as" + cast.dtype().text().toUpperCase(Locale.ROOT);
      case Definition.Reduce reduce -> reduce.reducer().toString();
    };
  }

  /// What tells one copy of a value from another in its name.
  static String suffix(Map<String, Integer> copy) {
    StringBuilder text = new StringBuilder();
    copy.values().forEach(i -> text.append(text.isEmpty() ? "" : "_").append(i));
    return text.toString();
  }

  /// What an axis is called: the last parallel ones are rows and columns, reduced ones count `k`.
  String axis(String axis) {
    List<String> parallel = new ArrayList<>(Schedule.order(kernel, kernel.writes().getFirst()));
    int back = parallel.size() - parallel.indexOf(axis);
    if (!parallel.contains(axis)) {
      return "k";
    }
    return parallel.size() == 1 ? "i" : back == 1 ? "col" : back == 2 ? "row" : "outer";
  }
}
