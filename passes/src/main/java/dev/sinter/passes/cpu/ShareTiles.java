package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes the numbers of a kernel's functions parameters, so that kernels which differ in nothing
/// else have them in common: how often a loop turns, how far apart rows lie. The number of large
/// methods is what a model's first seconds depend on, since each takes the JIT a good part of one;
/// and a function of which a call can be as short as one likes can be warmed before it is needed.
///
/// Before: `tile(row, panel)` with rows 64 elements apart in one kernel and 256 in another. After:
/// both call `tile(turns, aFirst, aStep, ...)`.
final class ShareTiles {
  private ShareTiles() {}

  /// The kernel with functions that others may have, too.
  static LoopKernel share(LoopKernel kernel) {
    Map<String, Lifted> lifted = new HashMap<>();
    for (Function function : kernel.functions().subList(1, kernel.functions().size())) {
      Lifted.of(kernel, function).ifPresent(l -> lifted.put(function.name(), l));
    }
    if (lifted.isEmpty()) {
      return kernel;
    }
    List<Function> functions = new ArrayList<>();
    for (Function function : kernel.functions()) {
      Lifted own = lifted.get(function.name());
      functions.add(
          own != null
              ? own.function()
              : new Function(
                  function.name(), function.params(), calls(function.body(), lifted), false));
    }
    return new LoopKernel(kernel.name(), kernel.buffers(), kernel.sizes(), functions);
  }

  /// The statements, which call what was lifted with its numbers.
  private static List<Statement> calls(List<Statement> body, Map<String, Lifted> taken) {
    List<Statement> out = new ArrayList<>();
    for (Statement statement : body) {
      out.add(
          switch (statement) {
            case Statement.Call(String function, List<Dim> args) -> {
              Lifted lifted = taken.get(function);
              yield lifted == null ? statement : new Statement.Call(function, lifted.args(args));
            }
            case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> inner) ->
                new Statement.For(index, from, to, step, calls(inner, taken));
            case Statement.Share(String from, String to, Dim count, List<Statement> inner) ->
                new Statement.Share(from, to, count, calls(inner, taken));
            case Statement.If(var condition, List<Statement> then, List<Statement> otherwise) ->
                new Statement.If(condition, calls(then, taken), calls(otherwise, taken));
            case Statement.Int _,
                Statement.IntOf _,
                Statement.Let _,
                Statement.Assign _,
                Statement.Store _ ->
                statement;
          });
    }
    return out;
  }
}
