package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernelParser;
import dev.sinter.ir.kernel.TileKernelPrinter;
import dev.sinter.ir.kernel.TileKernelVerifier;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.RandomGraph;
import dev.sinter.testkit.Tier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Random graphs mean the same at every stage.
class StagesAgreeTest {
  private static final int OPS = 14;

  @Test
  void programsComputeWhatTheInterpreterDoes() {
    int cases = Tier.current().cases(80, 5000);
    for (long seed = 0; seed < cases; seed++) {
      if (!fault(seed, OPS).isEmpty()) {
        int ops = 0;
        while (fault(seed, ops).isEmpty()) {
          ops++;
        }
        assertThat(fault(seed, ops)).as("seed %d with %d ops", seed, ops).isEmpty();
      }
    }
  }

  @Test
  void kernelsAreSoundAndTheirTextSaysAll() {
    for (long seed = 0; seed < Tier.current().cases(40, 1000); seed++) {
      KernelTable table = new KernelTable();
      Passes.program(RandomGraph.of(seed, OPS).graph(), table, Watcher.NONE);
      for (TileKernel kernel : table.kernels()) {
        String text = TileKernelPrinter.print(kernel);
        assertThat(TileKernelVerifier.faults(kernel)).as(text).isEmpty();
        assertThat(TileKernelParser.parse(text)).isEqualTo(kernel);
      }
    }
  }

  @Test
  void eachPassKeepsWhatAGraphMeans() {
    int cases = Tier.current().cases(40, 2000);
    for (long seed = 0; seed < cases; seed++) {
      RandomGraph random = RandomGraph.of(seed, OPS);
      Graph graph = random.graph();
      Map<Graph.Output, Tensor> expected = Interpreter.rounding().run(graph, random.inputs());
      for (Pass pass : Passes.cpu()) {
        graph = pass.run().apply(graph);
        Map<Graph.Output, Tensor> actual = Interpreter.rounding().run(graph, random.inputs());
        for (Graph.Output output : graph.outputs()) {
          assertThat(
                  close(
                      Objects.requireNonNull(expected.get(output)),
                      Objects.requireNonNull(actual.get(output))))
              .as("%s after %s, seed %d", output, pass.name(), seed)
              .isTrue();
        }
      }
    }
  }

  /// What differs, with the program; empty if nothing does.
  private static String fault(long seed, int ops) {
    RandomGraph random = RandomGraph.of(seed, ops);
    Graph graph = random.graph();
    Map<Graph.Output, Tensor> expected = Interpreter.rounding().run(graph, random.inputs());
    KernelTable table = new KernelTable();
    Program program;
    String text;
    try {
      program = Passes.program(graph, table, Watcher.NONE);
      text = text(program, table);
    } catch (RuntimeException e) {
      return trace(e);
    }
    List<Tensor> arguments = new ArrayList<>();
    Map<String, Tensor> kept = new LinkedHashMap<>();
    for (Graph.Input input : graph.inputs()) {
      Tensor tensor = Objects.requireNonNull(random.inputs().get(input.name()));
      if (input.role() == Graph.Role.ARGUMENT) {
        arguments.add(tensor);
      } else {
        kept.put(input.name(), tensor.copy());
      }
    }
    List<Tensor> results;
    try {
      results = ProgramInterpreter.run(program, table.kernels(), arguments, kept);
    } catch (RuntimeException e) {
      return trace(e) + text;
    }
    int next = 0;
    for (Map.Entry<Graph.Output, Tensor> output : expected.entrySet()) {
      Tensor actual =
          output.getKey().role() == Graph.Role.STATE
              ? Objects.requireNonNull(kept.get(output.getKey().name()))
              : results.get(next++);
      if (!close(output.getValue(), actual)) {
        return output.getKey()
            + " is "
            + java.util.Arrays.toString(actual.toDoubleArray())
            + "\nnot "
            + java.util.Arrays.toString(output.getValue().toDoubleArray())
            + "\n"
            + text;
      }
    }
    return "";
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

  private static boolean close(Tensor expected, Tensor actual) {
    if (!java.util.Arrays.equals(expected.shape(), actual.shape())) {
      return false;
    }
    for (long i = 0; i < expected.size(); i++) {
      double e = expected.getDouble(i);
      double a = actual.getDouble(i);
      boolean same = Double.compare(e, a) == 0 || Math.abs(e - a) <= 1e-9 * (1 + Math.abs(e));
      if (!same) {
        return false;
      }
    }
    return true;
  }
}
