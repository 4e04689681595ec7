package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernelParser;
import dev.sinter.ir.kernel.TileKernelPrinter;
import dev.sinter.ir.kernel.TileKernelVerifier;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Closeness;
import dev.sinter.testkit.RandomGraphs;
import dev.sinter.testkit.RandomGraphs.Sample;
import dev.sinter.testkit.Shrinking;
import dev.sinter.testkit.Tier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Random graphs mean the same at every stage, but for rounding.
class StagesAgreeTest {
  private static final RandomGraphs.Options OPTIONS = RandomGraphs.Options.of(12);

  @Test
  void programsComputeWhatTheInterpreterDoes() {
    check(Tier.current().cases(80, 5000), StagesAgreeTest::programFault);
  }

  @Test
  void loopsComputeWhatTheInterpreterDoes() {
    check(
        Tier.current().cases(40, 3000),
        sample -> {
          int some = sample.inputs().size();
          CpuTier tier = some % 2 == 0 ? CpuTier.REGISTERS_32 : CpuTier.REGISTERS_16;
          return loopsFault(sample, CpuTier.SCALAR, 1, 2)
              + loopsFault(sample, tier, 1, 1)
              + loopsFault(sample, tier, 4, 3)
              + loopsFault(sample, tier, 8, 1)
              + loopsFault(sample, tier, 16, 2);
        });
  }

  @Test
  void eachPassKeepsWhatAGraphMeans() {
    check(Tier.current().cases(40, 2000), StagesAgreeTest::passFault);
  }

  @Test
  void kernelsAreSoundAndTheirTextSaysAll() {
    for (long seed = 0; seed < Tier.current().cases(40, 1000); seed++) {
      KernelTable table = new KernelTable();
      Passes.program(
          RandomGraphs.sample(seed, OPTIONS).graph(), WeightStorage.F32, table, Watcher.NONE);
      for (TileKernel kernel : table.kernels()) {
        String text = TileKernelPrinter.print(kernel);
        assertThat(TileKernelVerifier.faults(kernel)).as(text).isEmpty();
        assertThat(TileKernelParser.parse(text)).isEqualTo(kernel);
      }
    }
  }

  /// Fails with the smallest graph of those tried for which `fault` says something.
  private static void check(int cases, Function<Sample, String> fault) {
    for (long seed = 0; seed < cases; seed++) {
      Sample sample = RandomGraphs.sample(seed, OPTIONS);
      if (!fault.apply(sample).isEmpty()) {
        Sample small = Shrinking.shrink(sample, s -> !fault.apply(s).isEmpty());
        assertThat(fault.apply(small)).as("seed %d, shrunk to %s", seed, small).isEmpty();
      }
    }
  }

  /// After which pass the graph means something else, or nothing.
  private static String passFault(Sample sample) {
    Graph graph = sample.graph();
    for (Pass pass :
        Passes.of(
            graph,
            LoadTime.shared(List.of(graph)),
            MathMode.FAST,
            WeightStorage.F32,
            ScheduleTable.EMPTY)) {
      try {
        graph = pass.run().apply(graph);
        List<Tensor> actual = Interpreter.rounding().run(graph, sample.inputs());
        Optional<String> fault = Closeness.fault(sample.graph(), sample.inputs(), actual);
        if (fault.isPresent()) {
          return "after " + pass.name() + " " + fault.get();
        }
      } catch (RuntimeException e) {
        return "in " + pass.name() + ": " + trace(e);
      }
    }
    return "";
  }

  /// How a program is run: its arguments, and its weights and states.
  private interface Run {
    List<Tensor> run(Program program, List<Tensor> arguments, Map<String, Tensor> kept);
  }

  /// What the program does wrong, with its text; empty if nothing.
  private static String programFault(Sample sample) {
    KernelTable table = new KernelTable();
    return fault(
        sample,
        table,
        (program, arguments, kept) ->
            ProgramInterpreter.run(program, table.kernels(), arguments, kept));
  }

  /// What the program does wrong on a tier.
  private static String loopsFault(Sample sample, CpuTier tier, int lanes, int parts) {
    KernelTable table = new KernelTable();
    String fault =
        fault(
            sample,
            table,
            (program, arguments, kept) -> {
              List<LoopKernel> loops =
                  table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
              return ProgramInterpreter.run(program, loops, lanes, parts, arguments, kept);
            });
    return fault.isEmpty() ? "" : tier + " with " + lanes + " lanes: " + fault;
  }

  private static String fault(Sample sample, KernelTable table, Run run) {
    Graph graph = sample.graph();
    String text = "";
    try {
      Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
      text = text(program, table);
      List<Tensor> arguments = new ArrayList<>();
      Map<String, Tensor> kept = new LinkedHashMap<>();
      for (int i = 0; i < sample.inputs().size(); i++) {
        Graph.Input input = graph.inputs().get(i);
        if (input.role() == Graph.Role.ARGUMENT) {
          arguments.add(sample.inputs().get(i));
        } else {
          kept.put(input.name(), sample.inputs().get(i).copy());
        }
      }
      List<Tensor> results = run.run(program, arguments, kept);
      List<Tensor> outputs = new ArrayList<>();
      int next = 0;
      for (Graph.Output output : graph.outputs()) {
        outputs.add(
            output.role() == Graph.Role.STATE
                ? Objects.requireNonNull(kept.get(output.name()))
                : results.get(next++));
      }
      String whole = text;
      return Closeness.fault(graph, sample.inputs(), outputs)
          .map(fault -> fault + "\n" + whole)
          .orElse("");
    } catch (RuntimeException e) {
      return trace(e) + text;
    }
  }

  private static String trace(RuntimeException e) {
    StringBuilder text = new StringBuilder(e + "\n");
    for (StackTraceElement frame : e.getStackTrace()) {
      text.append("  ").append(frame).append('\n');
    }
    return text.toString();
  }

  private static String text(Program program, KernelTable table) {
    StringBuilder text = new StringBuilder();
    table.kernels().forEach(kernel -> text.append(TileKernelPrinter.print(kernel)));
    return text + ProgramPrinter.print(program, i -> table.kernels().get(i).name());
  }
}
