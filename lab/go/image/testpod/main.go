// Command testpod is both ends of a network test. `testpod serve [ADDRESS]` answers every HTTP
// request with its host name; `testpod get URL [SECONDS]` prints the answer of a URL, retrying for
// that long (default 10), and exits 1 if none came.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "testpod:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return serve(":8080")
	}
	switch {
	case arguments[0] == "serve" && len(arguments) == 1:
		return serve(":8080")
	case arguments[0] == "serve" && len(arguments) == 2:
		return serve(arguments[1])
	case arguments[0] == "get" && len(arguments) == 2:
		return get(arguments[1], 10*time.Second)
	case arguments[0] == "get" && len(arguments) == 3:
		seconds, err := strconv.Atoi(arguments[2])
		if err != nil {
			return fmt.Errorf("read seconds: %w", err)
		}
		return get(arguments[1], time.Duration(seconds)*time.Second)
	}
	return errors.New("usage: testpod serve [ADDRESS] | get URL [SECONDS]")
}

func serve(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hostname, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("read host name: %w", err)
	}
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(
		func(response http.ResponseWriter, request *http.Request) {
			fmt.Println(request.RemoteAddr, request.Method, request.URL.Path)
			fmt.Fprintln(response, hostname)
		})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Println("serving", hostname, "on", address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func get(url string, patience time.Duration) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	deadline := time.Now().Add(patience)
	for {
		body, err := fetch(client, url)
		if err == nil {
			fmt.Print(body)
			return nil
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func fetch(client *http.Client, url string) (string, error) {
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("get %s: %s", url, response.Status)
	}
	return string(body), nil
}
