package dev.sinter.benchmarks.gates;

import dev.sinter.compiler.CompiledModel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What each step of a compiled model runs, numbered as its [dev.sinter.runtime.Program] numbers
/// them.
final class StepNames {
  private StepNames() {}

  /// The kernel of each step; of an algorithm of the runtime its name.
  static List<String> of(CompiledModel compiled) {
    List<String> names = new ArrayList<>();
    for (Program entry : compiled.programs().entries()) {
      add(entry.steps(), compiled, names);
    }
    return names;
  }

  private static void add(List<Step> steps, CompiledModel compiled, List<String> names) {
    for (Step step : steps) {
      switch (step) {
        case Step.Launch launch -> names.add(name(launch, compiled));
        case Step.Blocks(_, _, _, var body) ->
            names.add(
                body.stream()
                    .map(launch -> name(launch, compiled))
                    .collect(Collectors.joining("+")));
        case Step.Extern(var extern, _, _) -> names.add(extern.name().toLowerCase(Locale.ROOT));
        case Step.Measure _ -> {}
        case Step.If(_, var then, var otherwise) -> {
          add(then, compiled, names);
          add(otherwise, compiled, names);
        }
        case Step.Repeat(_, _, var body) -> add(body, compiled, names);
        case Step.While(_, _, _, var test, var body) -> {
          add(test, compiled, names);
          add(body, compiled, names);
        }
      }
    }
  }

  private static String name(Step.Launch launch, CompiledModel compiled) {
    return compiled.report().kernels().get(launch.kernel()).name();
  }
}
