// Search in pages that are opened as files. Browsers start no worker there, so a hidden frame runs its script.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.document.open();
      inside.document.write("<!doctype html><html><head></head><body></body></html>");
      inside.document.close();
      inside.postMessage = (data) => this.tell(this, data);
      inside.importScripts = async (...scripts) => {
        for (const script of scripts) await this.load(script);
      };
      this.load(address).then(() => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.tell(inside, data));
      });
    }
    load(address) {
      return new Promise((resolve, reject) => {
        const inside = this.frame.contentDocument;
        const script = inside.createElement("script");
        script.src = new URL(address, location.href).href;
        script.onload = resolve;
        script.onerror = () => reject(new Error(`not loaded: ${address}`));
        inside.body.append(script);
      });
    }
    tell(whom, data) {
      whom.dispatchEvent(new MessageEvent("message", { data }));
    }
    postMessage(data) {
      if (this.ready) this.tell(this.frame.contentWindow, data);
      else this.waiting.push(data);
    }
    terminate() {
      this.frame.remove();
    }
  };
}
