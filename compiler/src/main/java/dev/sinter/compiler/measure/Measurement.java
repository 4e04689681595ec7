package dev.sinter.compiler.measure;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.InputShapes;
import dev.sinter.compiler.KnownSizes;
import dev.sinter.compiler.Report;
import dev.sinter.ir.Graph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the steps of a model reach of what this machine can do, on random inputs.
///
/// @param threads on how many threads it was measured
/// @param gflops the most multiply-adds that the machine does on them, two operations each
/// @param gbs the most that it reads from memory, in GB a second
/// @param assumed the sizes that nobody gave, taken for [KnownSizes#TYPICAL]
/// @param entries each entry
/// @param convolutions how exact the convolutions are for which there is more than one way
public record Measurement(
    int threads,
    double gflops,
    double gbs,
    List<String> assumed,
    List<Entry> entries,
    List<ConvolutionError> convolutions) {
  /// The share of the time in which an entry gets warm.
  private static final double WARM = 0.5;

  private static final int FEWEST = 5;
  private static final int MOST = 1000;

  /// An entry.
  ///
  /// @param ms how long a call takes, the median of several
  /// @param steps what all threads share, in their order
  /// @param failure why it could not be measured, or null
  public record Entry(String name, double ms, List<Step> steps, @Nullable String failure) {
    public Entry {
      steps = List.copyOf(steps);
    }
  }

  /// A step.
  ///
  /// @param kernels what it runs, several if that is done block by block
  /// @param lines the lines of the model that it computes, as `file:line`
  /// @param runs how often a call runs it
  /// @param us how long all of them take, by the thread that takes longest
  /// @param share of the entry's time
  /// @param gflops float operations in a nanosecond
  /// @param gbs bytes in a nanosecond, each buffer counted once
  /// @param roofline the share of what the machine can do of either; more than 1 where data comes
  ///   out of a cache
  /// @param why it is not more, empty if it is near
  public record Step(
      List<String> kernels,
      List<String> lines,
      long runs,
      double us,
      double share,
      double gflops,
      double gbs,
      double roofline,
      String why) {
    public Step {
      kernels = List.copyOf(kernels);
      lines = List.copyOf(lines);
    }
  }

  public Measurement {
    assumed = List.copyOf(assumed);
    entries = List.copyOf(entries);
    convolutions = List.copyOf(convolutions);
  }

  /// Measures a model.
  ///
  /// @param options as which it was compiled
  /// @param weights the values of its parameters
  /// @param shapes the sizes of inputs that the model leaves open
  /// @param seconds how long it may take, about
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException if no input can have the sizes given
  public static Measurement of(
      CompiledModel compiled,
      CompileOptions options,
      Map<String, Tensor> weights,
      InputShapes shapes,
      int threads,
      double seconds) {
    shapes.check(compiled.graph().entries());
    return new Run(compiled, shapes, threads, seconds).measure(options, weights);
  }

  /// One measurement.
  private static final class Run {
    private final CompiledModel compiled;
    private final InputShapes shapes;
    private final int threads;
    private final long nanosOfEntry;
    private final MachineLimits limits;
    private final CpuTier tier = CpuTier.of(KernelTier.choose("explain"));
    private final StepClock clock;

    Run(CompiledModel compiled, InputShapes shapes, int threads, double seconds) {
      this.compiled = compiled;
      this.shapes = shapes;
      this.threads = threads;
      List<Program> entries = compiled.programs().entries();
      nanosOfEntry = (long) (seconds * 1e9 / entries.size());
      limits = MachineLimits.measure(threads);
      int steps = entries.stream().mapToInt(entry -> entry.parallelSteps().size()).sum();
      clock = new StepClock(compiled.program(), steps, threads);
    }

    Measurement measure(CompileOptions options, Map<String, Tensor> weights) {
      List<Entry> measured = new ArrayList<>();
      Set<String> assumed = new LinkedHashSet<>();
      try (Model model = Model.of(clock, weights);
          Session session = model.session(threads)) {
        int first = 0;
        for (Report.Entry entry : compiled.report().entries()) {
          Program program = compiled.programs().entries().get(measured.size());
          Graph graph = compiled.graph().entry(program.name()).orElseThrow();
          KnownSizes sizes = KnownSizes.of(program, shapes.of(graph));
          assumed.addAll(sizes.assumed());
          measured.add(entry(session, program, graph, entry, sizes, first));
          first += program.parallelSteps().size();
        }
      }
      return new Measurement(
          threads,
          limits.gflops(),
          limits.bandwidth(),
          List.copyOf(assumed),
          measured,
          ConvolutionError.all(compiled.graph(), options));
    }

    private Entry entry(
        Session session,
        Program program,
        Graph graph,
        Report.Entry report,
        KnownSizes sizes,
        int first) {
      int count = program.parallelSteps().size();
      List<long[]> taken;
      try {
        taken = runs(session, program.name(), arguments(graph, sizes), first, count);
      } catch (ModelException e) {
        return new Entry(program.name(), 0, List.of(), e.getMessage());
      }
      long[] medians = new long[count + 1];
      for (int i = 0; i <= count; i++) {
        int which = i;
        medians[i] = median(taken.stream().mapToLong(each -> each[which]).toArray());
      }
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = first + i;
        List<Report.Launch> launches =
            report.launches().stream().filter(l -> l.step() == number).toList();
        if (clock.runs(number) > 0) {
          steps.add(step(launches, sizes, clock.runs(number), medians[i], medians[count]));
        }
      }
      return new Entry(program.name(), medians[count] / 1e6, steps, null);
    }

    /// For each run how long each step took, and last how long all did, in nanoseconds.
    private List<long[]> runs(
        Session session, String entry, Map<String, Tensor> arguments, int first, int count) {
      long begin = System.nanoTime();
      Map<String, Tensor> results = session.run(entry, arguments);
      String code = compiled.jar().names().packageName();
      long warm = begin + (long) (WARM * nanosOfEntry);
      long end = begin + nanosOfEntry;
      while (System.nanoTime() < warm || (System.nanoTime() < end && JitQueue.holds(code))) {
        session.run(entry, arguments, results);
      }
      end = System.nanoTime() + nanosOfEntry - (warm - begin);
      List<long[]> taken = new ArrayList<>();
      while (taken.size() < FEWEST || (taken.size() < MOST && System.nanoTime() < end)) {
        clock.reset();
        long start = System.nanoTime();
        session.run(entry, arguments, results);
        long[] each = new long[count + 1];
        each[count] = System.nanoTime() - start;
        for (int i = 0; i < count; i++) {
          each[i] = clock.nanoseconds(first + i);
        }
        taken.add(each);
      }
      return taken;
    }

    private static Map<String, Tensor> arguments(Graph graph, KnownSizes sizes) {
      RandomInputs random = new RandomInputs(7, 1);
      Map<String, Tensor> arguments = new LinkedHashMap<>();
      for (int i = 0; i < graph.inputs().size(); i++) {
        Graph.Input input = graph.inputs().get(i);
        if (input.role() == Graph.Role.ARGUMENT) {
          TensorType type = graph.input(i).type();
          long[] shape = type.shape().stream().mapToLong(sizes::value).toArray();
          arguments.put(input.name(), random.tensor(input.name(), type.dtype(), shape));
        }
      }
      return arguments;
    }

    private Step step(
        List<Report.Launch> launches, KnownSizes sizes, long runs, long nanoseconds, long all) {
      double flops = 0;
      double bytes = 0;
      Set<String> kernels = new LinkedHashSet<>();
      Set<String> lines = new LinkedHashSet<>();
      for (Report.Launch launch : launches) {
        flops += runs * sizes.value(launch.cost().flops());
        bytes += runs * sizes.value(launch.cost().bytesRead().plus(launch.cost().bytesWritten()));
        kernels.add(compiled.report().kernels().get(launch.kernel()).name());
        lines.addAll(launch.lines());
      }
      double least = Math.max(1, nanoseconds);
      Roofline roofline = new Roofline(least / runs, flops / runs, bytes / runs, limits);
      return new Step(
          List.copyOf(kernels),
          List.copyOf(lines),
          runs,
          nanoseconds / 1e3,
          (double) nanoseconds / all,
          flops / least,
          bytes / least,
          roofline.share(),
          why(roofline, launches));
    }

    private String why(Roofline roofline, List<Report.Launch> launches) {
      if (launches.size() != 1) {
        return roofline.why(null, 1).text();
      }
      CpuKernel kernel = compiled.programs().kernels().get(launches.getFirst().kernel());
      double lanes = Schedules.product(kernel.tile(), tier).map(Run::filled).orElse(1.0);
      return roofline.why(InnerLoop.of(kernel.loops(tier)), lanes).text();
    }

    /// The share of the lanes that a product's columns fill.
    private static double filled(ProductShape shape) {
      int lanes = MultiplyAdds.lanes();
      return shape.columns() <= 0
          ? 1
          : (double) shape.columns() / (Math.ceilDiv(shape.columns(), lanes) * lanes);
    }

    private static long median(long[] values) {
      Arrays.sort(values);
      return values[values.length / 2];
    }
  }
}
