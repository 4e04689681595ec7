package dev.sinter.codegen.jar;

import dev.sinter.codegen.java.SourceFile;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.runtime.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/// Compiles generated sources with the JDK's own compiler, without a file on disk.
///
/// The same sources give the same classes on any machine with the same JDK: no annotation
/// processors, no paths, a fixed release.
public final class InMemoryCompiler {
  private static final List<String> OPTIONS =
      List.of(
          "--release",
          "25",
          "--add-modules",
          "jdk.incubator.vector",
          "-proc:none",
          "-g:source,lines",
          "-parameters",
          "-Xlint:none",
          "-nowarn",
          "-implicit:none");

  /// The compiler of this JDK.
  public InMemoryCompiler() {}

  /// The classes of `sources` by binary name.
  ///
  /// @throws CompilerBug when the sources do not compile
  /// @throws IllegalStateException when this is no JDK, but a JRE without a compiler
  public SortedMap<String, byte[]> compile(List<SourceFile> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("this Java has no compiler; run on a JDK 25");
    }
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    SortedMap<String, ByteArrayOutputStream> outputs = new TreeMap<>();
    try (StandardJavaFileManager standard =
            compiler.getStandardFileManager(problems, Locale.ROOT, StandardCharsets.UTF_8);
        JavaFileManager files = new Outputs(standard, outputs)) {
      standard.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of(runtimeClasses()));
      List<Source> units = sources.stream().map(Source::new).toList();
      boolean done = compiler.getTask(null, files, problems, OPTIONS, null, units).call();
      if (!done) {
        throw new CompilerBug("codegen", "generated code does not compile:\n" + text(problems));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SortedMap<String, byte[]> classes = new TreeMap<>();
    outputs.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  /// The folder or JAR with the runtime's classes.
  static Path runtimeClasses() {
    try {
      return Path.of(Program.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException | java.nio.file.FileSystemNotFoundException e) {
      throw new IllegalStateException("the runtime's classes lie in no file", e);
    }
  }

  private static String text(DiagnosticCollector<JavaFileObject> problems) {
    return problems.getDiagnostics().stream()
        .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
        .limit(10)
        .map(InMemoryCompiler::line)
        .collect(Collectors.joining("\n"));
  }

  private static String line(Diagnostic<? extends JavaFileObject> problem) {
    String where =
        problem.getSource() == null
            ? ""
            : problem.getSource().getName() + ":" + problem.getLineNumber() + ": ";
    return where + problem.getMessage(Locale.ROOT);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(SourceFile file) {
      super(URI.create("memory:///" + file.path()), Kind.SOURCE);
      this.text = file.text();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class Output extends SimpleJavaFileObject {
    private final ByteArrayOutputStream bytes;

    Output(String className, ByteArrayOutputStream bytes) {
      super(URI.create("memory:///" + className.replace('.', '/') + ".class"), Kind.CLASS);
      this.bytes = bytes;
    }

    @Override
    public OutputStream openOutputStream() {
      return bytes;
    }
  }

  private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> classes;

    Outputs(JavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
      super(files);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      classes.put(className, bytes);
      return new Output(className, bytes);
    }
  }
}
