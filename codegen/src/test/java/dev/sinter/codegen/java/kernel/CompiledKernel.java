package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.ClassName;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A kernel, emitted, compiled in memory and loaded.
final class CompiledKernel {
  private final LoopKernel kernel;
  private final String source;
  private final byte[] bytes;
  private final Object instance;
  private final Method driver;

  private CompiledKernel(
      LoopKernel kernel, String source, byte[] bytes, Object instance, Method driver) {
    this.kernel = kernel;
    this.source = source;
    this.bytes = bytes;
    this.instance = instance;
    this.driver = driver;
  }

  /// @param bits the width of a vector
  static CompiledKernel of(LoopKernel kernel, CpuTier tier, int bits) {
    ClassName name = ClassName.get("generated", "Kernels");
    String source =
        KernelEmitter.kernelClass(name, tier, List.of("kernel"), List.of(kernel)).toString();
    return load(kernel, source, compile(name.canonicalName(), source), bits);
  }

  private static CompiledKernel load(LoopKernel kernel, String source, byte[] bytes, int bits) {
    try {
      String name = "generated.Kernels";
      Class<?> loaded = new Loader(name, bytes).loadClass(name);
      Object instance = instantiate(loaded, bits);
      for (Method method : loaded.getMethods()) {
        if (method.getName().equals("kernel")) {
          return new CompiledKernel(kernel, source, bytes, instance, method);
        }
      }
      throw new AssertionError("no driver in " + source);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(source, e);
    }
  }

  /// The width is chosen when the class is initialised.
  private static Object instantiate(Class<?> loaded, int bits) throws ReflectiveOperationException {
    System.setProperty("sinter.vectorBits", Integer.toString(bits));
    try {
      return loaded.getConstructor().newInstance();
    } finally {
      System.clearProperty("sinter.vectorBits");
    }
  }

  /// The same class, initialised anew.
  CompiledKernel at(int bits) {
    return load(kernel, source, bytes, bits);
  }

  /// The Java text.
  String source() {
    return source;
  }

  /// The class file.
  byte[] bytes() {
    return bytes;
  }

  /// The lanes of a vector.
  int lanes() {
    try {
      return (int) instance.getClass().getMethod("lanes").invoke(instance);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(source, e);
    }
  }

  /// Runs all parts, one after the other.
  void run(List<Tensor> buffers, Map<String, Long> sizes, int parts) {
    for (int part = 0; part < parts; part++) {
      List<Object> args = new ArrayList<>();
      for (Tensor buffer : buffers) {
        args.add(buffer.memory());
        args.add(0L);
      }
      kernel.sizes().forEach(s -> args.add(Math.toIntExact(Objects.requireNonNull(sizes.get(s)))));
      args.add(part);
      args.add(parts);
      try {
        driver.invoke(instance, args.toArray());
      } catch (InvocationTargetException e) {
        throw new AssertionError(source, e.getCause());
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static byte[] compile(String name, String source) {
    var compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> classes = new HashMap<>();
    var text =
        new SimpleJavaFileObject(
            URI.create("mem:///" + name.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    StringWriter messages = new StringWriter();
    try (var files = new MemoryFiles(compiler.getStandardFileManager(null, null, null), classes)) {
      List<String> options =
          List.of("--add-modules", "jdk.incubator.vector", "-Xlint:all,-incubating");
      if (!compiler.getTask(messages, files, null, options, null, List.of(text)).call()) {
        throw new AssertionError(messages + source);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Objects.requireNonNull(classes.get(name)).toByteArray();
  }

  private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> classes;

    MemoryFiles(JavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
      super(files);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      classes.put(name, out);
      return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() {
          return out;
        }
      };
    }
  }

  private static final class Loader extends ClassLoader {
    private final String name;
    private final byte[] bytes;

    Loader(String name, byte[] bytes) {
      super(Tensor.class.getClassLoader());
      this.name = name;
      this.bytes = bytes;
    }

    @Override
    protected Class<?> findClass(String wanted) throws ClassNotFoundException {
      if (!wanted.equals(name)) {
        throw new ClassNotFoundException(wanted);
      }
      return defineClass(name, bytes, 0, bytes.length);
    }
  }
}
