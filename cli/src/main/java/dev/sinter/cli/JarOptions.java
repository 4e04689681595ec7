package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a JAR is written, and what goes into it.
final class JarOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "JAR",
      description = "The JAR to write; by default the model's name in this folder.")
  private @Nullable Path jar;

  @Option(
      names = "--weights-beside",
      description = "Write the weights beside the JAR instead of into it.")
  private boolean weightsBeside;

  @Option(
      names = "--standalone",
      description = "Put Sinter's runtime into the JAR, so that it needs a JDK and nothing else.")
  private boolean standalone;

  Path jar(String model) {
    return (jar == null ? Path.of(model.toLowerCase(Locale.ROOT) + ".jar") : jar)
        .toAbsolutePath()
        .normalize();
  }

  /// `options` with what goes into the JAR.
  CompileOptions in(CompileOptions options) {
    return options.withJar(weightsBeside, standalone);
  }
}
