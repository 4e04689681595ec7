package dev.sinter.compiler;

import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.codegen.jar.MethodSizes.Method;
import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.runtime.Program;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/// The methods of a model's classes of kernels, by who runs them: those that its bytecode calls,
/// and what these call.
///
/// @param all the methods
/// @param runs for each kernel what it runs
/// @param kernels how many kernels run a method, where any does
record KernelCode(List<Method> all, List<Set<Method>> runs, Map<Method, Integer> kernels) {
  static KernelCode of(GeneratedNames names, MethodSizes sizes) {
    List<String> classes = Arrays.stream(CpuTier.values()).map(names::kernelsName).toList();
    List<Method> all =
        sizes.methods().stream().filter(m -> classes.contains(m.className())).toList();
    Map<String, List<Method>> byName = new HashMap<>();
    for (Method method : all) {
      byName.computeIfAbsent(method.toString(), name -> new ArrayList<>()).add(method);
    }
    List<Set<Method>> runs = new ArrayList<>();
    Map<Method, Integer> kernels = new HashMap<>();
    for (String kernel : names.kernels()) {
      Set<Method> reached = new LinkedHashSet<>();
      for (String type : classes) {
        Deque<String> open = new ArrayDeque<>(List.of(type + "." + kernel));
        while (!open.isEmpty()) {
          for (Method method : byName.getOrDefault(open.removeFirst(), List.of())) {
            if (reached.add(method)) {
              method.calls().forEach(name -> open.add(type + "." + name));
            }
          }
        }
      }
      reached.forEach(method -> kernels.merge(method, 1, Integer::sum));
      runs.add(reached);
    }
    return new KernelCode(all, runs, kernels);
  }

  /// What no other kernel runs.
  List<Method> own(int kernel) {
    return runs.get(kernel).stream().filter(method -> isRunBy(method, n -> n == 1)).toList();
  }

  /// The tiles that it has in common with others.
  List<Method> tiles(int kernel) {
    return runs.get(kernel).stream()
        .filter(method -> method.name().startsWith(Program.TILE) && isRunBy(method, n -> n > 1))
        .toList();
  }

  /// What is not one kernel's own.
  List<Method> common() {
    return all.stream().filter(method -> isRunBy(method, n -> n != 1)).toList();
  }

  private boolean isRunBy(Method method, IntPredicate many) {
    return many.test(kernels.getOrDefault(method, 0));
  }
}
