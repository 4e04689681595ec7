package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.MethodSpec;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// The methods that several kernels have in common: functions that are the same but for the buffers
/// that they work on.
final class SharedTiles {
  /// C2 compiles what was called 600 times or more and turned 15,000 times in all, calls included.
  /// They are counted from the call on at which the interpreter begins to take a profile, the 256th
  /// of so many turns, and looked at every 128 calls.
  private static final int CALLS = 1000;

  private static final int TURNS = 24;

  private static final int LETTERS = 26;

  private final Map<LoopKernel, String> names = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final List<LoopKernel> all = new ArrayList<>();

  /// The method that does what a shared function of `kernel` does.
  String method(LoopKernel kernel, Function function) {
    return names.computeIfAbsent(alone(kernel, function), this::added);
  }

  /// A shared function as a kernel of its own, whose buffers are called by letters in the order of
  /// their use.
  private static LoopKernel alone(LoopKernel kernel, Function function) {
    List<Integer> used = function.buffers();
    List<LoopKernel.Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      String letter = i < LETTERS ? Character.toString('a' + i) : "z" + i;
      buffers.add(new LoopKernel.Buffer(letter, kernel.buffers().get(used.get(i)).dtype()));
    }
    return new LoopKernel(function.name(), buffers, List.of(), List.of(function.onto(used)));
  }

  private String added(LoopKernel alone) {
    String stem = Program.TILE + JavaNames.identifier(alone.name());
    String name = stem;
    for (int i = 2; !taken.add(name); i++) {
      name = stem + "_" + i;
    }
    all.add(alone);
    return name;
  }

  /// The method that calls each of them so often, with few turns, that the JIT compiles it for
  /// good.
  MethodSpec warm() {
    MethodSpec.Builder method =
        MethodSpec.methodBuilder("warm")
            .addModifiers(Modifier.PUBLIC)
            .addParameter(JavaTypes.SEGMENT, "scratch");
    for (LoopKernel kernel : all) {
      Function function = kernel.functions().getFirst();
      List<String> args = new ArrayList<>();
      // In the middle, since a buffer may be walked over backwards.
      kernel.buffers().forEach(buffer -> args.add("scratch, " + Program.SCRATCH / 2));
      Set<String> turns = new HashSet<>(innermost(function.body()));
      function.params().forEach(param -> args.add(turns.contains(param) ? "" + TURNS : "1"));
      method.beginControlFlow("for (int call = 0; call < $L; call++)", CALLS);
      method.addStatement("$L($L)", names.get(kernel), String.join(", ", args));
      method.endControlFlow();
    }
    return method.build();
  }

  /// How often the loops turn that have no loop inside them.
  private static List<String> innermost(List<Statement> body) {
    List<String> out = new ArrayList<>();
    for (Statement statement : body) {
      if (statement instanceof Statement.For loop) {
        List<String> inside = innermost(loop.body());
        out.addAll(inside.isEmpty() ? loop.to().symbols() : inside);
      }
    }
    return out;
  }

  /// The methods asked for so far.
  List<MethodSpec> methods(CpuTier tier, SupportMethods support) {
    return all.stream()
        .flatMap(kernel ->
            new KernelMethods(
                    kernel, Objects.requireNonNull(names.get(kernel)), tier, support, this)
                .shared().stream())
        .toList();
  }
}
