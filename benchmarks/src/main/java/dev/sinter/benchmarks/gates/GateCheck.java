package dev.sinter.benchmarks.gates;

import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Watches one network in this JVM, from before it is compiled until the JIT has done with it: load
/// its model by [#load], let it run by [#repeated] and [#measured], and ask for the [#row].
public final class GateCheck implements AutoCloseable {
  /// What allocates in each call does so in each of these rounds; a deoptimization does in one.
  private static final int ROUNDS = 5;

  private static final int CALLS = 8;

  /// Runs whose time is looked at, at least.
  private static final int FEWEST = 30;

  private static final String VECTOR = "jdk/incubator/vector/";

  private final JitRecording recording = JitRecording.start();
  private @Nullable CompiledModel compiled;
  private @Nullable WatchedProgram program;
  private List<String> steps = List.of();
  private long bytesPerCall;
  private final Map<String, Long> bytesByKernel = new LinkedHashMap<>();

  /// Loads a model so that its steps are watched.
  public Model load(CompiledModel compiled, Map<String, Tensor> weights) {
    this.compiled = compiled;
    steps = StepNames.of(compiled);
    program = new WatchedProgram(compiled.program(), steps.size());
    return Model.of(program, weights);
  }

  private static <T> T loaded(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("no model is loaded");
    }
    return part;
  }

  /// Lets a run repeat each of its steps; what it leaves in states is undefined.
  public void repeated(Runnable run) {
    loaded(program).repeated(run);
  }

  /// Looks where the time of runs goes, for so many seconds or more, then what they allocate.
  public void measured(Runnable run, double seconds) {
    WatchedProgram watched = loaded(program);
    recording.sampled(() -> {
      long end = System.nanoTime() + (long) (seconds * 1e9);
      for (int i = 0; i < FEWEST || System.nanoTime() < end; i++) {
        run.run();
      }
    });
    bytesPerCall = Long.MAX_VALUE;
    long[] bySteps = new long[steps.size()];
    Arrays.fill(bySteps, Long.MAX_VALUE);
    Runnable calls =
        () -> {
          for (int i = 0; i < CALLS; i++) {
            run.run();
          }
        };
    for (int round = 0; round < ROUNDS; round++) {
      bytesPerCall = Math.min(bytesPerCall, watched.allocated(calls) / CALLS);
      long[] now = watched.allocatedBySteps(calls);
      for (int i = 0; i < now.length; i++) {
        bySteps[i] = Math.min(bySteps[i], now[i] / CALLS);
      }
    }
    for (int i = 0; i < bySteps.length; i++) {
      if (bySteps[i] > 0) {
        bytesByKernel.merge(steps.get(i), bySteps[i], Long::sum);
      }
    }
  }

  /// What the gates say of what was seen.
  public GateRow row(String id, String network, KnownFaults known) throws IOException {
    String kernels =
        loaded(compiled).jar().names().programName().replaceFirst("Program$", "Kernels");
    Map<String, JitMethod> seen = recording.methods(name -> name.startsWith(kernels));
    int samples = seen.values().stream().mapToInt(JitMethod::samples).sum();
    List<KernelMethod> methods = methods(loaded(compiled), seen, samples);
    Gates gates = new Gates(network, bytesPerCall, bytesByKernel, samples, methods);
    return new GateRow(id, bytesPerCall, methods, gates.faults(known, id), "");
  }

  private static List<KernelMethod> methods(
      CompiledModel compiled, Map<String, JitMethod> seen, int samples) {
    Set<String> classes = new HashSet<>();
    seen.keySet().forEach(name -> classes.add(name.substring(0, name.lastIndexOf('.'))));
    Set<String> inlined = withVectors(compiled.jar().classes());
    List<KernelMethod> methods = new ArrayList<>();
    for (MethodSizes.Method method : compiled.report().methods()) {
      if (!classes.contains(method.className())) {
        continue;
      }
      JitMethod jit = seen.getOrDefault(method.toString(), JitMethod.unseen(method.toString()));
      methods.add(
          new KernelMethod(
              method.name(),
              method.bytes(),
              inlined.contains(method.toString()),
              jit.samples() / (double) Math.max(1, samples),
              jit.samples() == 0 ? 0 : jit.samplesInC2() / (double) jit.samples(),
              jit.code(),
              jit.compilations(),
              jit.bailOuts()));
    }
    methods.sort(Comparator.comparingDouble(KernelMethod::share).reversed());
    return methods;
  }

  /// The methods that take or return vectors.
  private static Set<String> withVectors(Map<String, byte[]> classes) {
    Set<String> found = new HashSet<>();
    classes.forEach((name, bytes) -> {
      for (MethodModel method : ClassFile.of().parse(bytes).methods()) {
        if (method.methodType().stringValue().contains(VECTOR)) {
          found.add(name + "." + method.methodName().stringValue());
        }
      }
    });
    return found;
  }

  @Override
  public void close() {
    recording.close();
  }
}
