import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.*;

/** A SIP server and client on JSSE, or on Bouncy Castle's. Takes commands on stdin. */
public class Peer {
    static String provider;
    static char[] password;
    static byte[] request;
    static PKIXBuilderParameters trust;
    static final Map<String, SSLServerSocket> servers = new ConcurrentHashMap<>();

    /** PROVIDER ROOT LISTS PASSWORD REQUEST */
    public static void main(String[] args) throws Exception {
        provider = args[0];
        if (provider.equals("BCJSSE")) {
            Security.insertProviderAt((Provider) Class.forName("org.bouncycastle.jce.provider.BouncyCastleProvider")
                .getConstructor().newInstance(), 1);
            Security.insertProviderAt((Provider) Class.forName("org.bouncycastle.jsse.provider.BouncyCastleJsseProvider")
                .getConstructor().newInstance(), 2);
        }
        password = args[3].toCharArray();
        request = Files.readAllBytes(Path.of(args[4]));
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "SUN");
        TrustAnchor root;
        try (InputStream in = Files.newInputStream(Path.of(args[1]))) {
            root = new TrustAnchor((X509Certificate) factory.generateCertificate(in), null);
        }
        trust = new PKIXBuilderParameters(Set.of(root), new X509CertSelector());
        try (InputStream in = Files.newInputStream(Path.of(args[2]))) {
            trust.addCertStore(CertStore.getInstance("Collection",
                new CollectionCertStoreParameters(factory.generateCRLs(in))));
        }
        System.out.println(Security.getProvider(provider).getInfo() + ", " + System.getProperty("java.version"));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null; ) {
            String[] words = line.split(" ");
            Thread thread = new Thread(() -> execute(words));
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** {@code serve PORT VERSION KEYS SUITE}, {@code stop PORT} or {@code call PORT VERSION KEYS SUITE}. */
    static void execute(String[] words) {
        try {
            switch (words[0]) {
                case "serve" -> serve(words);
                case "stop" -> servers.remove(words[1]).close();
                default -> call(words);
            }
        } catch (Exception error) {
            System.out.println(String.join(" ", words) + ": " + error);
        }
        if (words[0].equals("call")) {
            System.out.println("called " + words[1]);
        }
    }

    static SSLContext context(String keys) throws Exception {
        KeyManager[] managers = null;
        if (!keys.equals("-")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(Path.of(keys))) {
                store.load(in, password);
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX", provider);
            factory.init(store, password);
            managers = factory.getKeyManagers();
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX", provider);
        trusted.init(new CertPathTrustManagerParameters(trust));
        SSLContext context = SSLContext.getInstance("TLS", provider);
        context.init(managers, trusted.getTrustManagers(), null);
        return context;
    }

    static void serve(String[] words) throws Exception {
        SSLServerSocketFactory factory = context(words[3]).getServerSocketFactory();
        SSLServerSocket server = (SSLServerSocket) factory.createServerSocket(
            Integer.parseInt(words[1]), 50, InetAddress.getByName("127.0.0.1"));
        server.setEnabledProtocols(new String[] {words[2]});
        if (!words[4].equals("-")) {
            server.setEnabledCipherSuites(new String[] {words[4]});
        }
        server.setNeedClientAuth(true);
        servers.put(words[1], server);
        while (true) {
            SSLSocket socket = (SSLSocket) server.accept();
            Thread thread = new Thread(() -> answer(words[1], socket));
            thread.setDaemon(true);
            thread.start();
        }
    }

    static void answer(String port, SSLSocket socket) {
        try (socket) {
            socket.setSoTimeout(5000);
            StringBuilder answer = new StringBuilder("SIP/2.0 200 OK\r\n");
            for (String line : read(socket)) {
                if (line.matches("(Via|From|To|Call-ID|CSeq):.*")) {
                    answer.append(line).append(line.startsWith("To:") ? ";tag=java\r\n" : "\r\n");
                }
            }
            answer.append("Content-Length: 0\r\n\r\n");
            socket.getOutputStream().write(answer.toString().getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().read();
        } catch (IOException error) {
            System.out.println(port + ": " + error);
        }
    }

    static void call(String[] words) throws Exception {
        SSLSocketFactory factory = context(words[3]).getSocketFactory();
        try (SSLSocket socket = (SSLSocket) factory.createSocket("localhost", Integer.parseInt(words[1]))) {
            socket.setSoTimeout(5000);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {words[2]});
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (!words[4].equals("-")) {
                parameters.setCipherSuites(new String[] {words[4]});
            }
            socket.setSSLParameters(parameters);
            socket.getOutputStream().write(request);
            System.out.println(read(socket));
        }
    }

    /** The head of a message. */
    static List<String> read(SSLSocket socket) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        List<String> lines = new ArrayList<>();
        for (String line; (line = in.readLine()) != null && !line.isEmpty(); ) {
            lines.add(line);
        }
        return lines;
    }
}
