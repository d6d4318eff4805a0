#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compose.sh: docker-compose 1.29 with two services over the runtime.
#
# back serves a number that it writes; front, built from a Dockerfile, fetches it by the service's name
# and serves it on a published port.
. tests/engines/lib.sh
. tests/engines/docker.lib.sh

mkdir "$T/shop" "$T/shop/front"
cat >"$T/shop/docker-compose.yml" <<'END'
version: "2.4"
services:
  back:
    image: box:1
    init: true
    command: sh -c 'echo "$MODE $$(hostname)" >/www/index.html; httpd -f -p 80 -h /www'
    environment:
      MODE: ${MODE:-test}
    volumes:
      - data:/data
      - ./here:/here:ro
    healthcheck:
      test: ["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1/"]
      interval: 300ms
      retries: 20
  front:
    build: ./front
    init: true
    ports:
      - "127.0.0.1:8080:80"
    read_only: true
    tmpfs: /www
    volumes:
      - data:/data
    depends_on:
      back:
        condition: service_healthy
volumes:
  data:
END
cat >"$T/shop/front/Dockerfile" <<'END'
FROM box:1
RUN printf 'while sleep 0.2; do wget -qO /www/index.html http://back/; done &\nexec httpd -f -p 80 -h /www\n' >/serve
CMD ["sh", "/serve"]
END
mkdir "$T/shop/here"
echo from-outside >"$T/shop/here/file"

dc() {
	docker-compose --project-directory "$T/shop" -f "$T/shop/docker-compose.yml" "$@"
}

up() {
	MODE=shop dc up -d --build --quiet-pull
	equal "$(dc ps -q | wc -l)" 2
	equal "$(dc ps --services --filter status=running | sort | paste -sd' ')" "back front"
}

served() {
	has "$(curl -s http://127.0.0.1:8080/)" '^shop [0-9a-f]{12}$'
}

talk() {
	wait_for 10 served
	equal "$(docker inspect -f '{{.HostConfig.Runtime}}' "$(dc ps -q front)")" tested
}

volumes() {
	dc exec -T back sh -c 'cat /here/file >/data/file'
	equal "$(dc exec -T front cat /data/file)" from-outside
	code 1 dc exec -T front touch /x
	has "$said" 'Read-only'
}

scale() {
	dc up -d --scale back=3 --no-recreate
	equal "$(dc ps -q back | wc -l)" 3
	equal "$(dc exec -T front nslookup back 2>&1 | grep -c '^Address.*172')" 3
}

stop() {
	dc stop -t 10
	equal "$(dc ps --services --filter status=running)" ""
	dc start
	wait_for 15 served
}

down() {
	dc down -v -t 10
	equal "$(docker ps -aq)" ""
	equal "$(docker volume ls -q)" ""
	docker_left
}

start_docker cgroupfs
check "up builds one service, waits for the other's health, and runs both" up
check "one service reaches the other by its name, and both the published port" talk
check "a volume is shared, a directory is bound read-only" volumes
check "a service is scaled to three, all of them under its name" scale
check "stop and start keep the project" stop
check "down removes everything" down
finish
