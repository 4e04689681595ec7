package dev.sinter.benchmarks.gates;

import dev.sinter.benchmarks.gates.JitMethod.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import org.jspecify.annotations.Nullable;

/// Puts together what events and lists say of each method: compilations first, then what code is in
/// use, then samples.
final class JitLog {
  private static final int C2 = 4;

  private final Predicate<String> watched;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Set<Integer> loops = new HashSet<>();

  /// Methods of any class that have code of C2 now.
  private final Set<String> inC2 = new HashSet<>();

  /// What a compiler said.
  private record BailOut(int compiler, String message) {
    /// Whether the compiler lacked what it will always lack; others it tries again.
    boolean isFinal() {
      return message.startsWith("out of");
    }

    @Override
    public String toString() {
      return "C%d: %s".formatted(compiler, message);
    }
  }

  /// What is known of a method so far.
  private static final class Entry {
    private int compilations;
    private Code code = Code.NONE;
    private final List<BailOut> bailOuts = new ArrayList<>();

    /// How often it was seen, by the method whose code it was in.
    private final Map<String, Integer> samples = new HashMap<>();
  }

  JitLog(Predicate<String> watched) {
    this.watched = watched;
  }

  /// A `jdk.Compilation`, in the order of time.
  ///
  /// @param failure what the compiler said if it gave up
  void compilation(RecordedEvent event, @Nullable String failure) {
    RecordedMethod method = event.getValue("method");
    int level = event.getInt("compileLevel");
    if (event.getBoolean("isOsr")) {
      loops.add(event.getInt("compileId"));
    }
    if (!watched.test(method.getType().getName())) {
      return;
    }
    Entry entry = entry(name(method));
    int compiler = level == C2 ? 2 : 1;
    if (event.getBoolean("succeded")) {
      entry.compilations += compiler - 1;
      entry.bailOuts.removeIf(b -> b.compiler() == compiler && !b.isFinal());
    } else if (failure != null) {
      entry.bailOuts.add(new BailOut(compiler, failure));
    }
  }

  /// A line of the list of code: what calls of a method may enter.
  void inUse(int compilation, int level, String method) {
    if (level == C2) {
      inC2.add(method);
    }
    int dot = method.lastIndexOf('.');
    if (dot < 0 || !watched.test(method.substring(0, dot))) {
      return;
    }
    Entry entry = entry(method);
    Code code = level != C2 ? Code.C1 : loops.contains(compilation) ? Code.C2_LOOP : Code.C2;
    if (code.compareTo(entry.code) < 0) {
      entry.code = code;
    }
  }

  /// A `jdk.ExecutionSample`: the innermost watched method has it.
  void sample(RecordedEvent event) {
    if (event.getStackTrace() == null) {
      return;
    }
    Entry entry = null;
    for (RecordedFrame frame : event.getStackTrace().getFrames()) {
      RecordedMethod method = frame.getMethod();
      if (entry == null && watched.test(method.getType().getName())) {
        entry = entry(name(method));
      }
      if (entry != null && !frame.getType().equals("Inlined")) {
        boolean compiled = frame.getType().equals("JIT compiled");
        entry.samples.merge(compiled ? name(method) : "", 1, Integer::sum);
        return;
      }
    }
  }

  /// All that something is known of.
  Map<String, JitMethod> methods() {
    Map<String, JitMethod> out = new LinkedHashMap<>();
    entries.forEach((name, entry) -> {
      int samples = 0;
      int samplesInC2 = 0;
      for (Map.Entry<String, Integer> seen : entry.samples.entrySet()) {
        samples += seen.getValue();
        samplesInC2 += inC2.contains(seen.getKey()) ? seen.getValue() : 0;
      }
      out.put(
          name,
          new JitMethod(
              name,
              samples,
              samplesInC2,
              entry.code,
              entry.compilations,
              entry.bailOuts.stream().map(BailOut::toString).distinct().toList()));
    });
    return out;
  }

  private Entry entry(String name) {
    return entries.computeIfAbsent(name, _ -> new Entry());
  }

  private static String name(RecordedMethod method) {
    return method.getType().getName() + "." + method.getName();
  }
}
