/// The command line.
@org.jspecify.annotations.NullMarked
module dev.sinter.cli {
  requires static org.jspecify;
  requires dev.sinter.compiler;
  requires com.google.gson;
  requires info.picocli;
  requires java.management;
  requires me.tongfei.progressbar;

  opens dev.sinter.cli to
      com.google.gson,
      info.picocli;
}
