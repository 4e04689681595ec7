package dev.sinter.benchmarks.gates;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/// Sees what the JIT of this JVM does, by the events of JDK Flight Recorder and, for what came of
/// it, by the diagnostic command `Compiler.codelist`.
public final class JitRecording implements AutoCloseable {
  /// How often a thread is looked at while it works.
  private static final Duration PERIOD = Duration.ofMillis(1);

  /// Id, level and state of code, and its method; state 0 is code that calls may enter.
  private static final Pattern CODE = Pattern.compile("\\s*(\\d+) (\\d) (-?\\d+) ([^(]+)\\(.*");

  private final Recording compilations = new Recording();
  private final Recording samples = new Recording();

  private JitRecording() {
    compilations.enable("jdk.Compilation").withThreshold(Duration.ZERO);
    compilations.enable("jdk.CompilationFailure");
    compilations.start();
    samples.enable("jdk.ExecutionSample").withPeriod(PERIOD);
  }

  /// Begins: what was compiled before is not seen.
  public static JitRecording start() {
    return new JitRecording();
  }

  /// Does `work`, and looks where the time goes.
  public void sampled(Runnable work) {
    samples.start();
    work.run();
    samples.stop();
  }

  /// What has become of the methods of these classes.
  ///
  /// @param watched whether a class, by its binary name, is one of them
  /// @return by the method's name, with its class; only those of which something was seen
  public Map<String, JitMethod> methods(Predicate<String> watched) throws IOException {
    JitLog log = new JitLog(watched);
    Map<Integer, String> failures = new HashMap<>();
    List<RecordedEvent> events = events(compilations);
    for (RecordedEvent event : events) {
      if (event.getEventType().getName().equals("jdk.CompilationFailure")) {
        failures.put(event.getInt("compileId"), event.getString("failureMessage"));
      }
    }
    for (RecordedEvent event : events) {
      if (event.getEventType().getName().equals("jdk.Compilation")) {
        log.compilation(event, failures.get(event.getInt("compileId")));
      }
    }
    codeList()
        .lines()
        .map(CODE::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(3).equals("0"))
        .forEach(line ->
            log.inUse(
                Integer.parseInt(line.group(1)), Integer.parseInt(line.group(2)), line.group(4)));
    for (RecordedEvent event : events(samples)) {
      log.sample(event);
    }
    return log.methods();
  }

  private static List<RecordedEvent> events(Recording recording) throws IOException {
    Path file = Files.createTempFile("sinter-jit", ".jfr");
    try {
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .sorted(Comparator.comparing(RecordedEvent::getStartTime))
          .toList();
    } finally {
      Files.delete(file);
    }
  }

  private static String codeList() {
    try {
      return String.valueOf(
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "compilerCodelist",
                  new Object[0],
                  new String[0]));
    } catch (JMException e) {
      throw new IllegalArgumentException("this JVM does not list its compiled code", e);
    }
  }

  @Override
  public void close() {
    compilations.close();
    samples.close();
  }
}
