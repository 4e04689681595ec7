package dev.sinter.benchmarks.cold;

import dev.sinter.codegen.jar.JarWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Starts JVMs that do nothing but what a service does that answers with one network.
///
/// @param kind whose service: [ColdStart#SINTER] or [ColdStart#ONNXRUNTIME]
/// @param model what it loads: a class or a file
/// @param classPath JARs only, since the JDK's cache holds classes of nothing else
/// @param flags what the JVM has to be told besides
/// @param files what has to be on disk for it
/// @param cache where the JDK's cache of it lies, or is to lie
public record Starter(
    String kind,
    String model,
    List<Path> classPath,
    List<String> flags,
    List<Path> files,
    Path cache) {
  private static final List<Class<?>> PROGRAM =
      List.of(
          Calls.class,
          ColdStart.class,
          OnnxRuntimeService.class,
          Port.class,
          Service.class,
          SinterService.class,
          Times.class,
          WarmingUp.class);

  private static final long LONGEST_MINUTES = 5;

  public Starter {
    classPath = List.copyOf(classPath);
    flags = List.copyOf(flags);
    files = List.copyOf(files);
  }

  /// Writes the JAR of the program that is started.
  public static void writeProgram(Path jar) throws IOException {
    JarWriter writer = new JarWriter(Map.of());
    for (Class<?> type : PROGRAM) {
      String file = type.getSimpleName() + ".class";
      try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(file))) {
        writer.addClass(type.getName(), in.readAllBytes());
      }
    }
    writer.write(jar, bytes -> {});
  }

  /// The bytes on disk without the cache.
  public long bytes() throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  /// Has the JDK write the cache, from what a JVM does that is started here; its times.
  ///
  /// @throws IllegalArgumentException if it writes none, with the reason
  public Times train(Exchange exchange, int threads, double seconds) throws IOException {
    Files.deleteIfExists(cache);
    Times times = start(List.of("-XX:AOTCacheOutput=" + cache), exchange, threads, seconds);
    if (!Files.isRegularFile(cache)) {
      throw new IllegalArgumentException("no cache was written: " + said(exchange.folder()));
    }
    return times;
  }

  /// Starts a JVM and waits until it has ended; its times.
  ///
  /// @param cached whether it uses the cache, and may not go on without it
  /// @param seconds how long nothing has to have got faster before it ends
  /// @throws IllegalArgumentException if it does not answer, with the reason
  public Times start(boolean cached, Exchange exchange, int threads, double seconds)
      throws IOException {
    List<String> options = cached ? List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on") : List.of();
    return start(options, exchange, threads, seconds);
  }

  private Times start(List<String> options, Exchange exchange, int threads, double seconds)
      throws IOException {
    Path folder = exchange.folder();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.addAll(flags);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add(ColdStart.class.getName());
    command.addAll(
        List.of(kind, model, String.valueOf(threads), String.valueOf(seconds), folder.toString()));
    command.addAll(exchange.ports());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(folder).toFile());
    long start = System.currentTimeMillis();
    Process process = builder.start();
    try {
      if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalArgumentException("no answer after %d minutes".formatted(LONGEST_MINUTES));
      }
      if (process.exitValue() != 0) {
        throw new IllegalArgumentException(said(folder));
      }
      return Times.read(folder, start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path log(Path folder) {
    return folder.resolve("log");
  }

  /// The line in which a JVM said what was wrong.
  private static String said(Path folder) throws IOException {
    List<String> lines =
        Files.readAllLines(log(folder)).stream()
            .filter(line -> !line.startsWith("WARNING: ") && !line.isBlank())
            .toList();
    return lines.stream()
        .filter(line -> line.contains("rror") || line.contains("Exception"))
        .findFirst()
        .orElse(lines.isEmpty() ? "its JVM ended without a word" : lines.getFirst());
  }
}
